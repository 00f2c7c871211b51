create table note (
    id bigint generated always as identity primary key,
    text text not null,
    created timestamptz not null default now()
);
insert into note (text) values ('The first note'), ('Saß der Fuchs im Schnee');
