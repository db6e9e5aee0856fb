-- ask: net_sales --by year
SELECT c.year, sum(s.net * r.rate)
FROM sales_line AS s JOIN rate AS r ON r.currency_key = s.currency_key AND r.reporting_key = 'EUR' AND r.day = s.order_date
JOIN calendar AS c ON c.day = s.order_date
GROUP BY c.year
