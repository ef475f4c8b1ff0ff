"""The instruments and the cell without metal, written from the manuals; knows no driver."""
