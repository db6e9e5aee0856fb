-- ask: net_sales --by category,month
SELECT p.category_key, c.month, sum(s.net * r.rate)
FROM sales_line AS s JOIN rate AS r ON r.currency_key = s.currency_key AND r.reporting_key = 'EUR' AND r.day = s.order_date
LEFT JOIN product AS p ON p.product_id = s.product_id
JOIN calendar AS c ON c.day = s.order_date
GROUP BY p.category_key, c.month
