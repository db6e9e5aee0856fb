-- ask: new_customers --by quarter
WITH first AS (SELECT customer_id, min(order_date) AS day FROM sales_line WHERE document_type <> 'credit_note' GROUP BY customer_id)
SELECT c.quarter, count(*)
FROM first JOIN calendar AS c ON c.day = first.day
GROUP BY c.quarter
