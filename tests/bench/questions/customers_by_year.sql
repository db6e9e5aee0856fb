-- ask: customers --by year
SELECT c.year, count(DISTINCT s.customer_id)
FROM sales_line AS s
JOIN calendar AS c ON c.day = s.order_date
WHERE s.document_type <> 'credit_note'
GROUP BY c.year
