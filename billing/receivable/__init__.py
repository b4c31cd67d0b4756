"""What clients owe an agency: billables, invoices, credit notes, payments and their taxes."""
