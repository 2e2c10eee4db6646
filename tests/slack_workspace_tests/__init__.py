"""Tests of the fake Slack workspace: real slack_sdk clients and real Bolt apps against it."""
