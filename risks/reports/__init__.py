"""The due-diligence report: a frozen snapshot of facts becomes numbered chapters and one sealed PDF."""
