-- ask: return_rate --by category
SELECT p.category_key, sum(s.returned * r.rate) / (sum(s.gross * r.rate) - sum(s.discount * r.rate))
FROM sales_line AS s JOIN rate AS r ON r.currency_key = s.currency_key AND r.reporting_key = 'EUR' AND r.day = s.order_date
LEFT JOIN product AS p ON p.product_id = s.product_id
GROUP BY p.category_key
