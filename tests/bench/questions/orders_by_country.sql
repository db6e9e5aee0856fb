-- ask: orders --by country
SELECT p.country_key, count(DISTINCT s.document_id)
FROM sales_line AS s
LEFT JOIN place AS p ON p.place_id = s.place_id
WHERE s.document_type <> 'credit_note'
GROUP BY p.country_key
