// What the numeric replies mean. Made by tools/make-tables from tables/errors.tsv: change that table, not this file.
// swift-format-ignore-file

let errorRows = #"""
code	name	meaning	since	payload	notes
200	SYNTAX_ERROR	malformed command	MSNP2	no	usually followed by disconnect
201	INVALID_PARAMETER	a parameter is not valid	MSNP2	maybe	payload seen from MSNP13 (digsby)
203	INVALID_FEDERATED_USER	federated account not usable	MSNP14	maybe	msnp-sharp list
204	INVALID_CONTACT_NETWORK	account not routable on that network	MSNP14	maybe	typical FQY/ADL failure
205	INVALID_USER	account does not exist	MSNP2	maybe	208 is used instead from MSNP10
206	DOMAIN_NAME_MISSING	account lacks a domain	MSNP2	no	
207	ALREADY_LOGGED_IN	second USR on a logged-in connection	MSNP2	no	
208	INVALID_USER_NAME	account name not acceptable	MSNP2	no	
209	INVALID_FRIENDLY_NAME	nickname not acceptable or account may not rename	MSNP2	no	
210	LIST_FULL	contact list limit	MSNP2	maybe	
212	(unknown)	listed without meaning	-	no	sources give no meaning
213	INVALID_NAME_REQUEST	bad rename request / user missing	-	no	sources disagree
215	ALREADY_THERE	already on that list, already in this session	MSNP2	no	
216	NOT_ON_LIST	not on that list	MSNP2	no	
217	NOT_ONLINE	contact offline or does not accept messages	MSNP2	no	CAL, UUN
218	ALREADY_IN_MODE	setting unchanged	MSNP2	no	GTC, BLP
219	ALREADY_IN_OPPOSITE_LIST	allow/block conflict	MSNP2	no	
220	NOT_ACCEPTING_PAGES	contact takes no pages	MSNP5	no	
223	TOO_MANY_GROUPS	group limit	MSNP7	no	
224	INVALID_GROUP	no such group	MSNP7	no	
225	NOT_IN_GROUP	contact not in that group	MSNP7	no	
227	GROUP_NOT_EMPTY	group holds contacts	MSNP7	no	
228	GROUP_NAME_EXISTS	same group name	MSNP7	no	
229	GROUP_NAME_TOO_LONG	name too long (61 bytes)	MSNP7	no	
230	CANNOT_REMOVE_GROUP_ZERO	default group is fixed	MSNP7	no	
231	GROUP_INVALID	group does not exist	MSNP7	no	libpurple
232	INVALID_MSISDN	bad phone number	MSNP9	no	
233	UNKNOWN_MSISDN	phone number not known	MSNP9	no	
234	UNKNOWN_KEITAI_DOMAIN	mobile mail domain not known	-	maybe	
240	XML_EMPTY_DOMAIN	ADL/RML/FQY with an empty domain or bad XML	MSNP13	maybe	
241	XML_INVALID_DATA	ADL/RML/FQY XML wrong or contact already so	MSNP13	maybe	most common payload error; digsby and papyon always expect one
252	(unknown)	listed by digsby with payload	MSNP13	maybe	
280	SWITCHBOARD_FAILED	no switchboard	MSNP2	no	
281	SWITCHBOARD_TRANSFER_FAILED	XFR SB failed	MSNP2	no	
282	P2P_ERROR	bad MSG D (P2P) message	MSNP9	no	SB
283	UNKNOWN_UUN_APPLICATION	UUN not understood	MSNP13	no	
285	MESSAGE_TOO_LONG	message too long	-	no	
290	SMS_FUNDS_SOON	mobile credit low	-	no	
300	MISSING_REQUIRED_FIELDS	arguments missing	MSNP2	no	
301	TOO_MANY_RESULTS	FND: too many hits	MSNP2	no	
302	NOT_LOGGED_IN	command before login	MSNP2	no	
400	ADDRESS_BOOK_READ_ONLY	list cannot change	-	no	
402	ADDRESS_BOOK_ERROR	contact list server busy/failed	MSNP13	maybe	Miranda reads a payload
403	ADDRESS_BOOK_UNAVAILABLE	contact list failed	MSNP13	maybe	Miranda reads a payload
413	SUBSCRIPTION_ERROR	subscription not allowed	-	no	exact wording uncertain
414	SUBSCRIPTION_ERROR	subscription error	-	no	exact wording uncertain
415	SUBSCRIPTION_ERROR	mobile credit used up	-	no	exact wording uncertain
416	SUBSCRIPTION_ERROR	market not supported	-	no	exact wording uncertain
417	SUBSCRIPTION_ERROR	subscription problem	-	no	exact wording uncertain
418	SUBSCRIPTION_ERROR	subscription problem	-	no	exact wording uncertain
419	SUBSCRIPTION_ERROR	subscription problem	-	no	exact wording uncertain
420	INVITE_REQUIRED	client not invited (beta) / not accepted	CVR0	no	CVQ
500	INTERNAL_SERVER_ERROR	server failure	MSNP2	maybe	
501	DATABASE_ERROR	database failure	MSNP2	no	
502	COMMAND_DISABLED	command switched off	MSNP2	no	FND (2003), LST/LSG (Nov 2003)
503	UPS_FAILURE	mail/user store failure	MSNP2	no	SDC
504	UPS_DOWN	user store down	-	no	
505	SCS_FAILURE	subsystem failure	-	no	
508	FEDERATED_ERROR	federated partner error	MSNP14	maybe	digsby always reads payload
509	UUM_OR_PAGE_ERROR	UUM or page delivery failed	MSNP13	maybe	papyon reads payload
510	FILE_OPERATION_FAILED	file operation	MSNP2	no	
511	DETAILED_ERROR	with explanation (banned)	MSNP13	maybe	
520	MEMORY_ALLOCATION_FAILED	out of memory	MSNP2	no	
540	CHALLENGE_RESPONSE_FAILED	QRY wrong; server disconnects	MSNP6	no	
550	SMS_ERROR	mobile/SMS failure	MSNP9	no	exact wording differs per source
551	SMS_ERROR	mobile/SMS failure	MSNP9	no	exact wording differs per source
552	SMS_ERROR	mobile/SMS failure	MSNP9	no	exact wording differs per source
580	SMS_ERROR	mobile/SMS failure	MSNP9	no	exact wording differs per source
590	SMS_ERROR	mobile/SMS failure	MSNP9	no	exact wording differs per source
591	SMS_ERROR	mobile/SMS failure	MSNP9	maybe	exact wording differs per source
592	SMS_ERROR	mobile/SMS failure	MSNP9	no	exact wording differs per source
593	SMS_ERROR	mobile/SMS failure	MSNP9	no	exact wording differs per source
594	SMS_ERROR	mobile/SMS failure	MSNP9	no	exact wording differs per source
595	SMS_ERROR	mobile/SMS failure	MSNP9	no	exact wording differs per source
596	SMS_ERROR	mobile/SMS failure	MSNP9	no	exact wording differs per source
597	SMS_ERROR	mobile/SMS failure	MSNP9	no	exact wording differs per source
598	SMS_ERROR	mobile/SMS failure	MSNP9	no	exact wording differs per source
600	SERVER_BUSY	server busy	MSNP2	no	may lack TrID
601	SERVER_UNAVAILABLE	server unavailable	MSNP2	no	may lack TrID
602	PEER_NS_DOWN	peer notification server down	MSNP2	no	
603	DATABASE_CONNECT_ERROR	database not reachable	MSNP2	no	
604	SERVER_GOING_DOWN	server shuts down	MSNP2	no	may lack TrID
605	SERVER_UNAVAILABLE_2	server unavailable	-	no	
606	PAGING_UNAVAILABLE	paging service down	MSNP5	no	
700	CONNECTION_FAILED	could not create connection	-	no	
707	CREATE_CONNECTION_ERROR	could not create connection	MSNP2	no	
710	BAD_CVR_PARAMETERS	CVR/CVQ rejected	MSNP2	no	often disconnect
711	SESSION_RESTRICTED_OR_BLOCKING_WRITE	write blocked	MSNP2	no	draft: blocking write
712	SESSION_OVERLOAD	too many sessions	MSNP2	no	
713	USER_TOO_ACTIVE	calling too fast	MSNP2	no	CAL
714	TOO_MANY_SESSIONS	session limit	MSNP2	no	
715	COMMAND_NOT_EXPECTED	command out of place or account unverified	MSNP2	maybe	payload: digsby list
717	BAD_FRIEND_FILE	stored list broken	MSNP2	no	
718	USER_RESTRICTED	account restricted	-	no	
719	SESSION_FEDERATED	session federated	MSNP14	no	
726	USER_FEDERATED	user federated	MSNP14	no	
729	(unknown)	listed without text	-	no	
731	CVR_NOT_EXPECTED	CVR/CVQ twice or out of place	MSNP2	maybe	payload: digsby list
733	ROAMING_LOGOFF	signed out elsewhere	-	no	
734	TOO_MANY_ENDPOINTS	endpoint limit	MSNP16	no	
800	CHANGING_TOO_RAPIDLY	rate limit	MSNP5	no	XFR SB, PRP, CHG, REA
801	SDG_UNDELIVERABLE	SDG/PUT target gone	MSNP18	yes	payload lists failing target, e.g. `0 6 6`
910	SERVER_TOO_BUSY	server too busy	MSNP2	no	
911	AUTHENTICATION_FAILED	wrong credentials or cookie	MSNP2	no	NS and SB; disconnect
912	SERVER_TOO_BUSY	server too busy	MSNP2	no	
913	NOT_ALLOWED_WHEN_HIDDEN	XFR SB / CAL when offline or hidden	MSNP2	no	
914	SERVER_UNAVAILABLE	server unavailable	-	no	
915	SERVER_UNAVAILABLE	server unavailable	-	no	
916	SERVER_UNAVAILABLE	server unavailable	-	no	
917	AUTHENTICATION_INVALID_DOMAIN	domain not served here	-	no	
918	SERVER_TOO_BUSY	server too busy	MSNP2	no	
919	SERVER_TOO_BUSY	server too busy	MSNP2	no	
920	NOT_ACCEPTING_NEW_PRINCIPALS	no new users	MSNP2	no	
921	SERVER_TOO_BUSY	server too busy	MSNP2	no	
922	SERVER_TOO_BUSY	server too busy	MSNP2	no	
923	KIDS_PASSPORT_WITHOUT_CONSENT	child account without consent	MSNP4	no	
924	PASSPORT_NOT_VERIFIED	e-mail address not confirmed	MSNP5	no	
926	MANAGED_USER_WRONG_CLIENT	managed account	-	no	
927	ACCOUNT_SUSPENDED	suspended or blocked	-	no	
928	BAD_TICKET	ticket or password refused	MSNP8	no	
929	(unknown)	listed without text	-	no	
930	FEDERATED_DOMAIN	domain belongs to a partner	-	no	
931	ACCOUNT_NOT_ON_THIS_SERVER	wrong server	-	no	follow XFR
933	INVALID_CIRCLE_MEMBERSHIP	circle/contact list state not valid	MSNP18	maybe	
934	(unknown)	listed without text	-	no	
935	INVALID_SIGNATURE	signature wrong	-	no	
"""#
