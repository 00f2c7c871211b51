"""Starts, breaks and stops the sites. Each module looks after one kind of thing:

folders      where everything is
processes    programs in the background, ended by the ids that are held
ports        ports that no other copy has
databases    private MariaDB, PostgreSQL and Redis servers
tls          the private authority and its certificates, good and bad
nginx        the web server before each site
names        a name server on a loopback port (a program of its own)
relay        a server that answers wrongly on purpose (a program of its own)
site         what a site is: its programs, its environment, what is prepared once
copy         a running copy of a site: start, deploy, stop
fault        what a fault is: changes to what is deployed
layers       the faults of the layers under the application, the same for every site
prepare      what `install` makes once: certificates and databases with their schema
commands     start, stop, fault
runs         programs that are waited for, and end with who waits
matrix       every site in health and in every state
ladder       the ladder of a deployment on every site, as a person climbs it
"""
