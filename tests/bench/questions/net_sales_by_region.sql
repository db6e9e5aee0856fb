-- ask: net_sales --by region
SELECT p.region_key, sum(s.net * r.rate)
FROM sales_line AS s JOIN rate AS r ON r.currency_key = s.currency_key AND r.reporting_key = 'EUR' AND r.day = s.order_date
LEFT JOIN place AS p ON p.place_id = s.place_id
GROUP BY p.region_key
