-- ask: average_order_value --by channel
SELECT n.channel_key, sum(s.net * r.rate) / count(DISTINCT CASE WHEN s.document_type <> 'credit_note' THEN s.document_id END)
FROM sales_line AS s JOIN rate AS r ON r.currency_key = s.currency_key AND r.reporting_key = 'EUR' AND r.day = s.order_date
LEFT JOIN channel AS n ON n.channel_id = s.channel_id
GROUP BY n.channel_key
