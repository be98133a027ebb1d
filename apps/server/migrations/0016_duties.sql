-- Who wrote the content of a request last: he does not sign it, whoever made the request.
alter table access_request add column content_by uuid references person;
update access_request set content_by = created_by;
alter table access_request alter column content_by set not null;

-- A password that somebody else chose: its owner changes it before anything else.
alter table credential add column must_change boolean not null default false;
