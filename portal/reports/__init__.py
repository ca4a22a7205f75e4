"""Reports: a scorecard for people. One function makes a report of the engine's document; Excel and PDF only print it.

Pure: from documents to bytes, no portal, no store, no clock. No points are made here.
"""
