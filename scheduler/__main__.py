"""`python -m scheduler`: the scheduler process."""

from app.assembly import assemble
from app.config import read_settings
from scheduler.clock import keep_time

if __name__ == "__main__":
    keep_time(assemble(read_settings()))
