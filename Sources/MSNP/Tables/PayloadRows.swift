// Which command lines are followed by a payload. Made by tools/make-tables from tables/payload-table.tsv: change that table, not this file.
// swift-format-ignore-file

let payloadRows = #"""
direction	server	command	since	until	min_args	max_args	condition	notes
C2S	SB	MSG	MSNP2	-	2	9	always	on NS: protocol violation, still frame it
C2S	NS	QRY	MSNP6	-	2	4	always	length 32
C2S	NS	SDC	MSNP5	-	8	12	always	0 allowed
C2S	NS	PAG	MSNP5	-	3	4	always	
C2S	NS	PGD	MSNP9	-	3	5	always	
C2S	NS	UUX	MSNP11	-	2	2	always	0 allowed
C2S	NS	ADL	MSNP13	-	2	2	always	
C2S	NS	RML	MSNP13	-	2	2	always	
C2S	NS	FQY	MSNP13	-	2	2	always	
C2S	NS	UUN	MSNP13	-	3	5	always	
C2S	NS	UUM	MSNP14	-	4	6	always	
C2S	NS	VAS	MSNP18	-	3	9	always	Escargot only
C2S	NS	PUT	MSNP18	-	2	2	always	
C2S	NS	DEL	MSNP18	-	2	2	always	
C2S	NS	SDG	MSNP18	-	2	2	always	
C2S	NS	GET	MSNP21	-	2	9	if-last-numeric	unverified verb
S2C	any	MSG	MSNP2	-	2	9	always	normally 3; an unset nick can drop a token, a raw space can add one
S2C	NS	NOT	MSNP5	-	1	1	always	
S2C	NS	IPG	MSNP5	-	1	1	always	
S2C	NS	PAG	MSNP5	-	2	9	if-last-numeric	unverified direction
S2C	NS	GCF	MSNP11	-	2	3	always	first token a file name (11-12) or 0 (13+)
S2C	NS	UBX	MSNP11	-	2	4	always	0 allowed
S2C	NS	UBN	MSNP13	-	2	4	always	
S2C	NS	UBM	MSNP14	-	4	6	always	
S2C	NS	ADL	MSNP13	-	2	2	if-last-numeric	`t OK` has none
S2C	NS	RML	MSNP13	-	2	2	if-last-numeric	`t OK` has none
S2C	NS	FQY	MSNP13	-	2	2	if-last-numeric	
S2C	NS	UUX	MSNP11	-	2	2	if-last-numeric	one arg = TrID; `t 0` = nothing follows
S2C	NS	PUT	MSNP18	-	3	3	if-last-numeric	`t OK` has none
S2C	NS	DEL	MSNP18	-	3	3	if-last-numeric	
S2C	NS	NFY	MSNP18	-	2	3	always	accept an extra TrID
S2C	NS	SDG	MSNP18	-	2	2	always	
S2C	NS	FSL	MSNP18	-	2	9	if-last-numeric	unverified verb
S2C	NS	GET	MSNP21	-	2	9	if-last-numeric	unverified verb
S2C	NS	NNN	MSNP13	-	2	2	if-last-numeric	three digit error verb
"""#
