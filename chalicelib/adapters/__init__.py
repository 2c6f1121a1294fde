"""Who provides a port, named by vendor. The only code that knows HTTP or boto3; turns answers into `chalicelib.errors`."""
