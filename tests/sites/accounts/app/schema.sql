create table account (
    id bigint generated always as identity primary key,
    email text not null unique,
    password text not null,
    is_admin boolean not null default false,
    created timestamptz not null default now()
);
