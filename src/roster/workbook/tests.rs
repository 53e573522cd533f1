//! Workbooks as Excel and LibreOffice write them, and as nobody should.
