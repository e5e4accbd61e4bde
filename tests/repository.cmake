# tests of repository
