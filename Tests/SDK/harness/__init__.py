"""What the tests share: the programs under test, the relay that counts, clients, questions."""

from .case import SDKTest, on_both_faces
from .reading import Assembled, assemble, facts, told, told_in

__all__ = ["Assembled", "SDKTest", "assemble", "facts", "on_both_faces", "told", "told_in"]
