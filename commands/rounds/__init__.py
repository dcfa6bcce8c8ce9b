"""The rounds that send mail: run once, kept running, and started by the computer itself."""
