"""On what a training computes: the machine, looked at; the plan, decided by one pure function, and put in force."""
