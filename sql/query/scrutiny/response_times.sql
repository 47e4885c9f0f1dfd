-- Response times of each agency, pathway and clock. Without SCRUTINY_SMALL: of one whole quarter, the last complete
-- one of the days asked for.
-- $1 from          date optional
-- $2 to            date optional
-- $3 organisation  code organisation optional
-- $4 area          code authority optional
-- $5 pathway       code pathway optional
-- batch
select outcome, body, etag, location from scrutiny_response_times($1::date, $2::date, $3, $4, $5)
