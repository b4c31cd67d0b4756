"""The same frozen figures as files that people work with: spreadsheets, tidy rows, slides."""
