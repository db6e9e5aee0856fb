-- ask: units --by product --limit 20
SELECT p.product_key, sum(s.quantity) AS units
FROM sales_line AS s
LEFT JOIN product AS p ON p.product_id = s.product_id
GROUP BY p.product_key
ORDER BY units DESC
LIMIT 20
