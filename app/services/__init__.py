"""What people do: plain functions, each writing an audit event in the same transaction."""
