-- A fourth mode: once copied, compared on schedule, and only the rows that differ travel.

alter table channel drop constraint channel_mode_check;
alter table channel add constraint channel_mode_check check (mode in ('full', 'cursor', 'log', 'diff'));
