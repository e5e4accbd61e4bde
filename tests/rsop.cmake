# tests of rsop
