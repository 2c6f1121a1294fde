"""Mail: the rules of a company's mail server and its lists, and its SMTP face."""
