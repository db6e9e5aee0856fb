-- ask: net_sales --by industry
SELECT k.industry_key, sum(s.net * r.rate)
FROM sales_line AS s JOIN rate AS r ON r.currency_key = s.currency_key AND r.reporting_key = 'EUR' AND r.day = s.order_date
LEFT JOIN customer AS k ON k.customer_id = s.customer_id
GROUP BY k.industry_key
