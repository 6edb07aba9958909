"""Many changes of the number of workers under load, one after the other: what fails, is lost or is done twice."""
