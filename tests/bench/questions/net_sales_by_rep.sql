-- ask: net_sales --by rep
SELECT v.rep_key, sum(s.net * r.rate)
FROM sales_line AS s JOIN rate AS r ON r.currency_key = s.currency_key AND r.reporting_key = 'EUR' AND r.day = s.order_date
LEFT JOIN rep AS v ON v.rep_id = s.rep_id
GROUP BY v.rep_key
