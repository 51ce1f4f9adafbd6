"""DynamoDB for records."""
