"""From the working tree to a running stack: the zip, the template, their checks, and CloudFormation. Never deployed itself."""
