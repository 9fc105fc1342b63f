DROP TABLE IF EXISTS login_failure;
