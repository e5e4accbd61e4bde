/*
 * migration_table_xml.h - what the reader and the writer of .migtable share.
 */
#ifndef GPMQ_MIGRATION_TABLE_XML_H
#define GPMQ_MIGRATION_TABLE_XML_H

#define MIGRATION_NAMESPACE "http://www.microsoft.com/GroupPolicy/GPOOperations/MigrationTable"

#endif
