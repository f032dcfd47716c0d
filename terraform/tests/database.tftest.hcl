mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name                   = "debates"
  vpc_id                 = "vpc-1"
  subnet_ids             = ["subnet-1", "subnet-2"]
  node_security_group_id = "sg-nodes"
  postgres_version       = "17"
  instance_class         = "db.t4g.micro"
  multi_az               = false
  protected              = true
}

run "database" {
  module {
    source = "./modules/database"
  }

  assert {
    condition     = aws_db_instance.this.manage_master_user_password && aws_db_instance.this.password == null
    error_message = "No password is in the state."
  }
  assert {
    condition     = !aws_db_instance.this.publicly_accessible && aws_db_instance.this.storage_encrypted
    error_message = "Not reached from outside, and encrypted."
  }
  assert {
    condition     = aws_vpc_security_group_ingress_rule.nodes.referenced_security_group_id == "sg-nodes" && aws_vpc_security_group_ingress_rule.nodes.from_port == 5432
    error_message = "The nodes reach it, and nobody else."
  }
  assert {
    condition     = anytrue([for parameter in aws_db_parameter_group.this.parameter : parameter.name == "rds.force_ssl" && parameter.value == "1"])
    error_message = "By TLS alone."
  }
  assert {
    condition     = aws_db_instance.this.deletion_protection && !aws_db_instance.this.skip_final_snapshot && aws_db_instance.this.final_snapshot_identifier == "debates-database-last"
    error_message = "It does not go by mistake."
  }
  assert {
    condition     = aws_db_instance.this.allow_major_version_upgrade
    error_message = "Another postgres_version is an upgrade, and no refusal half way."
  }
}

run "unprotected" {
  module {
    source = "./modules/database"
  }
  variables {
    protected = false
  }

  assert {
    condition     = !aws_db_instance.this.deletion_protection && aws_db_instance.this.skip_final_snapshot
    error_message = "A destroy leaves nothing."
  }
}
