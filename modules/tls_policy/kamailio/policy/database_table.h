/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * database_table - which rows of which database are proxies. Any process.
 */
#ifndef TLSP_DATABASE_TABLE_H
#define TLSP_DATABASE_TABLE_H

/* Where the proxies are; texts of the configuration. */
struct tlsp_proxy_table
{
	const char *url; /* NULL: no database */
	const char *table;
	const char *column;
	int set; /* only rows whose column setid is it; -1 = all */
};

#endif
