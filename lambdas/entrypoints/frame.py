"""What every function shares: its application, built once, and its log."""

from aws_lambda_powertools import Logger

from lambdas.bootstrap import Application

application = Application.from_environment()
logger = Logger()
