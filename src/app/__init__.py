"""The promised import paths (`app.main:app`, `app.services.storage`); no logic of its own."""
