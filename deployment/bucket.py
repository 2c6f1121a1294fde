"""Whether the packages' bucket is there, and where the stack will be: Lambda takes code from its own region only.

Source: https://docs.aws.amazon.com/lambda/latest/api/API_FunctionCode.html, https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
"""

from __future__ import annotations

from typing import Any

_NOT_FOUND = 404


def problems_of(bucket: str, region: str, s3: Any) -> list[str]:
    """s3: a client. S3 says where a bucket is also to who may not look into it, which whoever only stores packages need not."""
    from botocore.exceptions import ClientError

    try:
        answer = s3.head_bucket(Bucket=bucket)["ResponseMetadata"]
    except ClientError as error:
        answer = error.response["ResponseMetadata"]
    if answer["HTTPStatusCode"] == _NOT_FOUND:
        return [f"FIREBELL_BUCKET: there is no bucket {bucket}; make it: aws s3 mb s3://{bucket} --region {region}"]
    where = answer["HTTPHeaders"].get("x-amz-bucket-region", region)
    if where != region:
        return [f"FIREBELL_BUCKET: {bucket} is in {where}, and Lambda takes code from {region} only: name one that is there"]
    return []
