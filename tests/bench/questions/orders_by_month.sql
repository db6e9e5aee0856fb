-- ask: orders --by month
SELECT c.month, count(DISTINCT s.document_id)
FROM sales_line AS s
JOIN calendar AS c ON c.day = s.order_date
WHERE s.document_type <> 'credit_note'
GROUP BY c.month
