-- ask: net_sales,margin --by category
SELECT p.category_key, sum(s.net * r.rate), sum(CASE WHEN s.cost IS NOT NULL THEN s.net * r.rate END) - sum(s.cost * r.rate)
FROM sales_line AS s JOIN rate AS r ON r.currency_key = s.currency_key AND r.reporting_key = 'EUR' AND r.day = s.order_date
LEFT JOIN product AS p ON p.product_id = s.product_id
GROUP BY p.category_key
