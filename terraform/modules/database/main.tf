# A PostgreSQL database for what is put beside the debates. Nothing of the product needs it.

resource "aws_db_subnet_group" "this" {
  name       = "${var.name}-database"
  subnet_ids = var.subnet_ids
}

resource "aws_security_group" "this" {
  name        = "${var.name}-database"
  description = "PostgreSQL, from the nodes of the cluster alone"
  vpc_id      = var.vpc_id
  tags        = { Name = "${var.name}-database" }
}

resource "aws_vpc_security_group_ingress_rule" "nodes" {
  security_group_id            = aws_security_group.this.id
  description                  = "From nodes of the cluster"
  referenced_security_group_id = var.node_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}

resource "aws_db_parameter_group" "this" {
  name   = "${var.name}-postgres${var.postgres_version}"
  family = "postgres${var.postgres_version}"

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }

  lifecycle {
    # A new major version needs the new group while the old one is still in use.
    create_before_destroy = true
  }
}

resource "aws_db_instance" "this" {
  #checkov:skip=CKV_AWS_353:insights are for busy databases
  #checkov:skip=CKV_AWS_157:a variable, since it doubles the cost
  #checkov:skip=CKV_AWS_129:its own log shows them for three days, free
  #checkov:skip=CKV_AWS_118:enhanced monitoring costs by the second
  #checkov:skip=CKV_AWS_293:a variable, protected by default
  identifier     = "${var.name}-database"
  engine         = "postgres"
  engine_version = var.postgres_version
  instance_class = var.instance_class
  db_name        = "debates"
  username       = "debates"
  # Made and turned over by RDS in Secrets Manager, so that it is in nobody's state.
  manage_master_user_password         = true
  iam_database_authentication_enabled = true

  allocated_storage     = 20
  max_allocated_storage = 100
  storage_type          = "gp3"
  storage_encrypted     = true

  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = [aws_security_group.this.id]
  parameter_group_name   = aws_db_parameter_group.this.name
  publicly_accessible    = false
  multi_az               = var.multi_az

  backup_retention_period    = 7
  copy_tags_to_snapshot      = true
  auto_minor_version_upgrade = true
  # Only where postgres_version says another: the parameter group is made for it.
  allow_major_version_upgrade = true
  apply_immediately           = true

  deletion_protection       = var.protected
  skip_final_snapshot       = !var.protected
  final_snapshot_identifier = var.protected ? "${var.name}-database-last" : null
}
