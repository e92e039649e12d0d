"""Who works at the demo clinic and who comes to it. All of them are invented."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Worker:
    """A member of staff of the demo clinic."""

    username: str
    display_name: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """A client of the demo clinic."""

    given_name: str
    family_name: str
    born: str
    source: str


STAFF = (
    Worker("ana", "Ana Ferreira", ("therapist",)),
    Worker("ben", "Ben Okafor", ("therapist",)),
    Worker("ewa", "Ewa Lindqvist", ("therapist",)),
    Worker("farid", "Farid Nasser", ("therapist",)),
    Worker("grace", "Grace Whitcombe", ("therapist",)),
    Worker("hugo", "Hugo Tanaka", ("therapist", "clinical_lead", "supervisor")),
    Worker("chris", "Chris Halloran", ("manager",)),
    Worker("dana", "Dana Petrova", ("front_desk",)),
    Worker("olu", "Olu Adeyemi", ("operator",)),
)

ROOMS = ("Garden room", "Attic room", "Library", "Room 4")

# The first two are the cast of the tests; the rest are made of common names from many places.
CLIENTS = (
    Person("Mara", "Lindholm", "1989-04-12", "B1"),
    Person("Noor", "Haddad", "1994-09-30", "A1"),
    Person("Siân", "O'Neil-Łukasz 李", "1978-02-03", "B1"),
    Person("Thomas", "Achterberg", "1965-11-21", "A1"),
    Person("Ivy", "Castellanos", "2001-06-17", "C2"),
    Person("Kofi", "Mensah", "1983-01-08", "A1"),
    Person("Greta", "Müller-Lüdenscheidt", "1957-07-29", "D2"),
    Person("Jonas", "Bergqvist", "1991-12-05", "B1"),
    Person("Leila", "Karimi", "1986-03-19", "A1"),
    Person("Pádraig", "Brennan", "1972-10-11", "B1"),
    Person("Yuki", "Morishita", "1998-05-23", "C2"),
    Person("Amelia", "Fairweather", "1980-08-14", "A1"),
    Person("Dmitri", "Volkov", "1969-02-27", "H2"),
    Person("Rosa", "Quintero", "1993-11-02", "B1"),
    Person("Samuel", "Oduya", "1987-04-25", "D1"),
    Person("Hanna", "Järvinen", "1976-09-09", "A1"),
    Person("Wei", "Zhang", "1999-01-31", "C2"),
    Person("Beatriz", "Carvalho", "1984-06-06", "B1"),
    Person("Oliver", "Pemberton", "1961-12-18", "A1"),
    Person("Fatima", "El Amrani", "1990-07-07", "B1"),
    Person("Nils", "Haugen", "1973-03-28", "M6"),
    Person("Chiara", "Bellandi", "1996-10-20", "B1"),
    Person("Isaac", "Goldfarb", "1955-05-15", "A1"),
    Person("Marta", "Kowalczyk", "1982-08-22", "D2"),
    Person("Tariq", "Siddiqui", "1977-11-13", "A1"),
    Person("Eleni", "Papadaki", "1992-02-16", "B1"),
    Person("George", "Ashdown", "1968-06-30", "A1"),
    Person("Ngozi", "Eze", "1995-09-04", "C2"),
    Person("Lucas", "Vandermeer", "1981-01-24", "B1"),
    Person("Clara", "Engström", "1988-12-11", "A1"),
    Person("Andrei", "Popescu", "1974-04-02", "B1"),
    Person("Zara", "Whitfield", "2000-08-08", "C2"),
    Person("Miguel", "Santoro", "1966-10-27", "A1"),
    Person("Aoife", "Gallagher", "1985-05-05", "B1"),
    Person("Kenji", "Hasegawa", "1979-07-19", "D1"),
    Person("Paula", "Nunes", "1997-03-03", "B1"),
    Person("Viktor", "Halvorsen", "1963-09-25", "A1"),
    Person("Esther", "Nkemelu", "1989-11-30", "B1"),
    Person("Daniel", "Roth", "1971-02-08", "G4"),
    Person("Simone", "Duval", "1994-06-12", "B1"),
    Person("Bilal", "Chaudhry", "1986-12-01", "A1"),
    Person("Ida", "Sørensen", "1959-04-17", "A1"),
    Person("Marcus", "Ellery", "1998-10-05", "B1"),
    Person("Teodora", "Ilić", "1975-08-30", "M6"),
)
