-- ask: net_sales --by team,year
SELECT t.team_key, c.year, sum(s.net * r.rate)
FROM sales_line AS s JOIN rate AS r ON r.currency_key = s.currency_key AND r.reporting_key = 'EUR' AND r.day = s.order_date
LEFT JOIN team AS t ON t.team_id = s.team_id
JOIN calendar AS c ON c.day = s.order_date
GROUP BY t.team_key, c.year
