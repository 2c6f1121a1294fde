-- Tables over the files that Firebell's rollup writes. Replace <bucket>; new months need no statement (partition projection).
-- Durations are whole seconds. Columns: docs/metrics.md.

CREATE EXTERNAL TABLE firebell_incidents (
  schema int, issue_id string, version int, observed_at string, key string, project string, severity int, status string,
  created_at string, url string, summary string, service string, products array<string>, detected_by string,
  resolution string, is_private boolean, is_drill boolean, manager string, major_at string, paged_at string,
  acknowledged_at string, told_staff_at string, told_public_at string, impact_started_at string, detected_at string,
  impact_ended_at string, resolved_at string, engaged map<string,string>, reopened int, reopened_at string, defaulted array<string>,
  edited array<string>, rosters array<string>, pages int, fallbacks int, creates int, found_by_sweep boolean, is_gone boolean,
  excluded string, in_hours boolean,
  time_to_detect_s bigint, time_to_recover_s bigint, time_to_page_s bigint, time_to_acknowledge_s bigint,
  time_to_tell_staff_s bigint, time_to_tell_public_s bigint, time_to_engage_s map<string,bigint>, violations array<string>
)
PARTITIONED BY (month string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
WITH SERDEPROPERTIES ('ignore.malformed.json' = 'false')
LOCATION 's3://<bucket>/incidents/v1/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.month.type' = 'date',
  'projection.month.format' = 'yyyy-MM',
  'projection.month.range' = '2015-01,NOW',
  'projection.month.interval' = '1',
  'projection.month.interval.unit' = 'MONTHS',
  'storage.location.template' = 's3://<bucket>/incidents/v1/month=${month}/'
);

-- The typical time to recover by severity, as Firebell's own figures have it.
SELECT severity, count(*) AS incidents, count(time_to_recover_s) AS n,
       approx_percentile(time_to_recover_s, 0.5) AS median_s,
       exp(avg(ln(greatest(time_to_recover_s, 1)))) AS geometric_mean_s
FROM firebell_incidents
WHERE excluded IS NULL AND status = 'resolved' AND month BETWEEN '2026-10' AND '2026-12'
GROUP BY severity ORDER BY severity;
